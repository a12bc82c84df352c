create or replace function api.backtest_compare(
    p_first_id  uuid,
    p_second_id uuid
)
returns table (
    part      text,
    name      text,
    of_first  text,
    of_second text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.part, f.name, f.of_first, f.of_second
      from lab.compare_backtests(p_first_id, p_second_id) as f;
$function$;

comment on function api.backtest_compare(uuid, uuid) is
$$Two backtests side by side: figures, config, and the first acts that differ.$$;
