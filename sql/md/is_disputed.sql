create or replace function md.is_disputed(
    p_symbol     text,
    p_timeframe  text,
    p_bar_end_at timestamptz,
    p_now_at     timestamptz
)
returns boolean
language sql
stable
begin atomic
    select exists (
        select from md.conflicts as c
         where c.symbol = p_symbol and c.timeframe = p_timeframe and c.bar_end_at = p_bar_end_at
           and c.found_at <= p_now_at
           and not md.is_ruled(c.symbol, c.timeframe, c.bar_end_at, 'CONFLICT', c.found_at, p_now_at));
end;

comment on function md.is_disputed(text, text, timestamptz, timestamptz) is
$$Whether another value for a stored bar was known at p_now_at, and nobody had said that the bar stands.$$;
