"""The shipped figures of the example years; README.md here says from which documents and how they were derived."""
