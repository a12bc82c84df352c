create or replace function lab.list_cuts(
    p_backtest_id uuid,
    p_cuts        integer,
    p_seed        integer
)
returns setof integer
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with acts as (
        select array_agg(distinct f.tick_no order by f.tick_no) as ticks
          from lab.backtests as b
          join lab.datasets as d using (dataset_id)
         cross join lateral lab.list_facts(b.backtest_id, least(b.ticks, d.ticks - 1)) as f
         where b.backtest_id = p_backtest_id and f.kind in ('1 signal', '2 order', '3 denial')
    )
    select distinct case when n % 2 = 1 and a.ticks is not null
                then a.ticks[1 + h.number % cardinality(a.ticks)]
                else 1 + h.number % least(b.ticks, d.ticks - 1) end
      from lab.backtests as b
      join lab.datasets as d using (dataset_id)
     cross join acts as a
     cross join generate_series(1, p_cuts) as n
     cross join lateral (
        select ('x' || left(core.hash_text(concat_ws(',', p_seed, n)), 7))::bit(28)::integer as number) as h
     where b.backtest_id = p_backtest_id and d.ticks > 1
     order by 1;
$function$;

comment on function lab.list_cuts(uuid, integer, integer) is
$$Ticks after which the future of a backtest is changed to prove that nobody looked: at most p_cuts, every
second one where the backtest decided something, the same for the same seed.$$;
