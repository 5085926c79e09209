"""The layers of estimators as operators."""
