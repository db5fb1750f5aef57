"""What users call: each transform is a product of pushes and pulls."""
