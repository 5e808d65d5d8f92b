"""What every room of the house shares; it knows none of them."""
