create or replace function md.read_time(
    p_text     text,
    p_is_plain boolean
)
returns timestamptz
language sql
stable
parallel safe
return case when p_is_plain then p_text::timestamptz else core.parse_time(p_text) end;

comment on function md.read_time(text, boolean) is
$$An instant of a batch, or null. p_is_plain: md.is_plain has seen it.$$;
