create or replace function core.hash_text(
    p_text text
)
returns text
language sql
immutable
strict
parallel safe
return encode(sha256(replace(p_text, '\', '\\')::bytea), 'hex');

comment on function core.hash_text(text) is
$$SHA-256 of the text's UTF-8 bytes, 64 lower-case hex digits.
Why: built from immutable built-ins only, so columns can be generated the same way.$$;
