# Wrappers only: ./dev works without make.
.PHONY: demo test check code docs lint format lock clean
demo: ; @./dev demo
test: ; @./dev test
check: ; @./dev check
code: ; @./dev run python -m house.code
docs: ; @./dev run python -m house.docs
lint: ; @./dev run ruff check .
format: ; @./dev run ruff format .
lock:
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
	  --no-header --python-version 3.11 --extra pg --extra dev -o requirements.lock pyproject.toml
clean: ; rm -rf .venv .tool dist build
