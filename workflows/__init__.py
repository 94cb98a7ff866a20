"""What happens to a submission: the review machine, its routes, links, letters and use cases."""
