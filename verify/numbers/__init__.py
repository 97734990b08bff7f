"""The numbers a Program is run on: symbols, high precision, balls, power series."""
