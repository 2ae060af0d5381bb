"""The checker: searches every schedule of a cast, and says why a claim falls. It refuses to know any protocol."""
