create or replace function lab.list_packs(
    p_set    lab.datasets,
    p_now_at timestamptz
)
returns setof lab.packs
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with ticks as (
        select (row_number() over (order by l.ends_at))::integer as tick_no, l.session_on, l.ends_at,
               dense_rank() over (order by l.session_on)::integer as session_no,
               l.ends_at = s.closes_at as ends_session
          from ref.list_slots(p_set.exchange_id, p_set.timeframe, p_set.from_on, p_set.to_on) as l
          join ref.sessions as s on s.exchange_id = p_set.exchange_id and s.session_on = l.session_on
         where l.ends_at <= p_now_at
    ), cells as (
        select (t.tick_no - 1) / 512 as pack_no, t.tick_no, s.symbol_no, b.*
          from ticks as t
         cross join unnest(p_set.symbols) with ordinality as s (symbol, symbol_no)
          left join lateral (
            select b.open_micros, b.high_micros, b.low_micros, b.close_micros, b.volume
              from md.bars as b
             where b.symbol = s.symbol and b.timeframe = p_set.timeframe and b.bar_end_at = t.ends_at)
            as b on true
    ), values_of as (
        select c.pack_no, array_agg(c.open_micros order by c.symbol_no, c.tick_no) as opens,
               array_agg(c.high_micros order by c.symbol_no, c.tick_no) as highs,
               array_agg(c.low_micros order by c.symbol_no, c.tick_no) as lows,
               array_agg(c.close_micros order by c.symbol_no, c.tick_no) as closes,
               array_agg(c.volume order by c.symbol_no, c.tick_no) as volumes
          from cells as c
         group by c.pack_no
    ), whole as (
        select c.tick_no, count(*) = count(c.volume) as is_complete from cells as c group by c.tick_no
    )
    select p_set.dataset_id, v.pack_no, g.first_tick, g.ends_at, g.sessions, g.ends_session, g.is_complete,
           v.opens, v.highs, v.lows, v.closes, v.volumes
      from values_of as v
      join (select (t.tick_no - 1) / 512 as pack_no, min(t.tick_no) as first_tick,
                   array_agg(t.ends_at order by t.tick_no) as ends_at,
                   array_agg(t.session_no order by t.tick_no) as sessions,
                   array_agg(t.ends_session order by t.tick_no) as ends_session,
                   array_agg(w.is_complete order by t.tick_no) as is_complete
              from ticks as t join whole as w using (tick_no)
             group by 1) as g using (pack_no);
$function$;

comment on function lab.list_packs(lab.datasets, timestamptz) is
$$The bars of a dataset's cut, packed: every slot that had ended at p_now_at is a tick, whether it has bars
or not.$$;
