create or replace function md.list_bars_as_of(
    p_symbol    text,
    p_timeframe text,
    p_limit     integer,
    p_now_at    timestamptz
)
returns setof md.bars
language sql
stable
begin atomic
    select b.*
      from (select b.*
              from md.bars as b
             where b.symbol = p_symbol
               and b.timeframe = p_timeframe
               and b.bar_end_at <= p_now_at
             order by b.bar_end_at desc
             limit least(greatest(p_limit, 1), 1000)) as b
     order by b.bar_end_at;
end;

comment on function md.list_bars_as_of(text, text, integer, timestamptz) is
$$The last p_limit (1..1000) bars of a symbol that had closed by p_now_at, oldest first.
Why: the only way to bars; none that closes later can come out of it. A parsed body, so that it is
planned as a part of its caller: the limit is known there.$$;
