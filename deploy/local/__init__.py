"""Private servers on one machine: PostgreSQL and RabbitMQ on loopback, free ports, folders of their own."""
