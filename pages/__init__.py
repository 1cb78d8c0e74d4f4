"""One short script a page, run by Streamlit: filter, query, panels. Pages do not import each other."""
