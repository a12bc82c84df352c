create or replace function api.backtest_answer(
    p_study_id    uuid,
    p_code_sha256 text,
    p_signals     jsonb,
    p_now_at      timestamptz
)
returns table (
    backtest_id uuid,
    signals     integer
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.backtest_id, f.signals
      from lab.answer_step(p_study_id, p_code_sha256, p_signals, p_now_at) as f;
$function$;

comment on function api.backtest_answer(uuid, text, jsonb, timestamptz) is
$$Gives the signals that the next step of a study waits for.$$;
