"""The only public door (网关): who are you, what may you do, which area is yours.

Owns clients, tokens, the change feed and the deliveries of webhooks. Publishes nothing; listens to everything
that others may subscribe to. Holds no domain rule and knows the services by their URLs only.
"""
