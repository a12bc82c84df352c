create or replace function lab.find_difference(
    p_backtest_id uuid,
    p_trial_id    uuid,
    p_tick_no     integer
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select format('tick %s, %s: %s; with another future: %s', tick_no, substr(kind, 3),
                  coalesce(a.fact, 'none'), coalesce(b.fact, 'none'))
      from lab.list_facts(p_backtest_id, p_tick_no) as a
      full join lab.list_facts(p_trial_id, p_tick_no) as b using (tick_no, kind, place)
     where a.fact is distinct from b.fact
     order by tick_no, kind, place
     limit 1;
$function$;

comment on function lab.find_difference(uuid, uuid, integer) is
$$The first thing up to a tick that two backtests did not do alike; null: nothing. Symbols and orders by
their numbers, money in micros.$$;
