"""The sample company: real, public data that comes in through the product's own import."""
