"""Monitored objects (监测对象): risk episodes on one thread, elimination, re-tagging."""
