"""Code lists, as front ends need them."""
