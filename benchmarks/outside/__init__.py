"""A person at the program: real keys and a real mouse from outside, and nothing known but the picture."""
