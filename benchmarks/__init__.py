"""Measurements of speed, beside what people use instead."""
