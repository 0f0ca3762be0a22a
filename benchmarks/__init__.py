"""What mock-runtime costs, measured as ratios to a bare Flask application in the same run; see README.md."""
