"""The judge: hold files, answers and implementations against their contract."""
