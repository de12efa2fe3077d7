"""`laksa reconcile`: the one place that looks into three services' tables at once, and only looks."""
