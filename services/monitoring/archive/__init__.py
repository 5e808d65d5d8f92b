"""Archives (监测对象档案): all that was done about a monitored object, in order; and what is missing."""
