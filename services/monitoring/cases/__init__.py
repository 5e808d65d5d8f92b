"""Cases (识别): the procedure, step by step, that makes a household a monitored object."""
