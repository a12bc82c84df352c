create or replace function lab.list_packs(
    p_set    lab.datasets,
    p_now_at timestamptz
)
returns setof lab.packs
language sql
stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $function$
    with ticks as (
        select (row_number() over (order by l.ends_at))::integer as tick_no, l.ends_at,
               dense_rank() over (order by l.session_on)::integer as session_no,
               l.ends_at = s.closes_at as ends_session
          from ref.list_slots(p_set.exchange_id, p_set.timeframe, p_set.from_on, p_set.to_on) as l
          join ref.sessions as s on s.exchange_id = p_set.exchange_id and s.session_on = l.session_on
         where l.ends_at <= p_now_at
    ), grid as (
        select (t.tick_no - 1) / 512 as pack_no, min(t.tick_no) as first_tick,
               array_agg(t.ends_at order by t.tick_no) as ends_at,
               array_agg(t.session_no order by t.tick_no) as sessions,
               array_agg(t.ends_session order by t.tick_no) as ends_session
          from ticks as t
         group by 1
    )
    select p_set.dataset_id, g.pack_no, g.first_tick, g.ends_at, g.sessions, g.ends_session,
           case when array_position(v.volumes, null) is null
                then array_fill(true, array[cardinality(g.ends_at)])
                else array(
                    select count(*) = count(u.volume)
                      from unnest(v.volumes) with ordinality as u (volume, nth)
                     group by (u.nth - 1) % cardinality(g.ends_at)
                     order by (u.nth - 1) % cardinality(g.ends_at)) end,
           v.opens, v.highs, v.lows, v.closes, v.volumes
      from grid as g
     cross join lateral (
        select array_agg(c.open_micros) as opens, array_agg(c.high_micros) as highs,
               array_agg(c.low_micros) as lows, array_agg(c.close_micros) as closes,
               array_agg(c.volume) as volumes
          from (select b.open_micros, b.high_micros, b.low_micros, b.close_micros, b.volume
                  from unnest(p_set.symbols) with ordinality as s (symbol, nth)
                 cross join lateral (
                    select e.at, b.open_micros, b.high_micros, b.low_micros, b.close_micros, b.volume
                      from unnest(g.ends_at) as e (at)
                      left join (
                        select b.bar_end_at, b.open_micros, b.high_micros, b.low_micros, b.close_micros,
                               b.volume
                          from md.bars as b
                         where b.symbol = s.symbol and b.timeframe = p_set.timeframe
                           and b.bar_end_at between g.ends_at[1] and g.ends_at[cardinality(g.ends_at)]
                        offset 0) as b  -- read as one range, not slot by slot
                        on b.bar_end_at = e.at) as b
                 order by s.nth, b.at) as c) as v;
$function$;

comment on function lab.list_packs(lab.datasets, timestamptz) is
$$The bars of a dataset's cut, packed: every slot that had ended at p_now_at is a tick, whether it has bars
or not.
Why: a pack's bars are read as one range of the index and laid beside its slots, a third of the time of
looking each slot up.$$;
