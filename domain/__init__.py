"""The ground floor: the words everything else is said in; standard library and pydantic only."""
