create or replace function api.backtest_step(
    p_study_id uuid,
    p_now_at   timestamptz
)
returns table (
    step_no         integer,
    steps           bigint,
    fold_no         integer,
    step_part       text,
    scenario        text,
    choice_no       integer,
    backtest_id     uuid,
    backtest_status text,
    equity_micros   bigint
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.step_no, f.steps, f.fold_no, f.step_part, f.scenario, f.choice_no, f.backtest_id,
           f.backtest_status, f.equity_micros
      from lab.run_step(p_study_id, p_now_at) as f;
$function$;

comment on function api.backtest_step(uuid, timestamptz) is
$$Runs the next step of a study; no row: it is done.$$;
