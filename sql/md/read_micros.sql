create or replace function md.read_micros(
    p_text     text,
    p_is_plain boolean
)
returns bigint
language sql
immutable
parallel safe
return case when p_is_plain then (p_text::numeric * 1000000)::bigint else core.parse_micros(p_text) end;

comment on function md.read_micros(text, boolean) is
$$A price of a batch in micros, exactly, or null. p_is_plain: md.is_plain has seen it.$$;
