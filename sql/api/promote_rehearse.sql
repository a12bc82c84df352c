create or replace function api.promote_rehearse(
    p_backtest_id uuid,
    p_build       text,
    p_twin        jsonb,
    p_run_id      uuid,
    p_acts        jsonb,
    p_now_at      timestamptz
)
returns table (
    backtest_id      uuid,
    build            text,
    digest           text,
    acts             bigint,
    acts_sha256      text,
    verdict          text,
    differences      bigint,
    first_difference text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.backtest_id, f.build, f.digest, f.acts, f.acts_sha256, f.verdict, f.differences,
           f.first_difference
      from lab.judge_rehearsal(p_backtest_id, p_build, p_twin, p_run_id, p_acts, p_now_at) as f;
$function$;

comment on function api.promote_rehearse(uuid, text, jsonb, uuid, jsonb, timestamptz) is
$$Compares a rehearsal with its backtest, act by act, and keeps the verdict.$$;
