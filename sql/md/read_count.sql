create or replace function md.read_count(
    p_text     text,
    p_is_plain boolean
)
returns bigint
language sql
immutable
parallel safe
return case when p_is_plain then p_text::bigint else core.parse_shares(p_text) end;

comment on function md.read_count(text, boolean) is
$$A volume or a line number of a batch, or null. p_is_plain: md.is_plain has seen it.$$;
