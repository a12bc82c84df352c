create or replace function md.list_marks_as_of(
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
               and not md.is_disputed(b.symbol, b.timeframe, b.bar_end_at, p_now_at)
             order by b.bar_end_at desc
             limit least(greatest(p_limit, 1), 1000)) as b
     order by b.bar_end_at;
end;

comment on function md.list_marks_as_of(text, text, integer, timestamptz) is
$$The last p_limit (1..1000) bars of a symbol that may be marks at p_now_at, oldest first: closed, and
not in
dispute.
Why: an order judged by a price that may be wrong is an error; without the last bar the mark is old, and
nothing new is opened on it (STALE_PRICE), but a position can still be closed.$$;
