create or replace function api.backtest_ask(
    p_study_id uuid,
    p_now_at   timestamptz
)
returns table (
    backtest_id uuid,
    config      text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.backtest_id, f.config
      from lab.ask_step(p_study_id, p_now_at) as f;
$function$;

comment on function api.backtest_ask(uuid, timestamptz) is
$$The next step of a study if it waits for signals of a strategy outside the database; else no row.$$;
