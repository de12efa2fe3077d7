"""The routing model: normalising, features, the file it is kept in, and the decision it makes."""
