"""Public-welfare posts (公益性岗位): who holds one, whether they may, and whether their pay came in time."""
