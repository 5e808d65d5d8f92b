"""Real servers for the tests: one PostgreSQL and one RabbitMQ a session, shared by all workers."""
