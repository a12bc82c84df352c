create or replace function md.hash_rows(
    p_rows jsonb
)
returns text
language sql
stable
parallel safe
return case jsonb_typeof(p_rows)
    when 'object' then encode(sha256(
        convert_to((p_rows - 'lines')::text, 'UTF8') || convert_to(p_rows ->> 'lines', 'UTF8')), 'hex')
    else core.hash_text(p_rows::text) end;

comment on function md.hash_rows(jsonb) is
$$SHA-256 of the rows of a batch, in the form in which they came.$$;
