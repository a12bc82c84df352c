create or replace function core.derive_id(
    p_kind  text,
    p_parts text[]
)
returns uuid
language sql
immutable
strict
parallel safe
return (
    select (substr(h.hex, 1, 12) || '8' || substr(h.hex, 14, 3) || 'a' || substr(h.hex, 18, 15))::uuid
      from core.hash_text('mqk.id.v1' || e'\n' || p_kind || e'\n'
                          || array_to_string(p_parts, e'\n', '')) as h (hex));

comment on function core.derive_id(text, text[]) is
$$A UUID (version 8) derived from a kind and its parts.
Why: ids are a function of what they name, so a replay gives the same ids; nothing is random.$$;
