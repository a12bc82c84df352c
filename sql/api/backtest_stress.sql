create or replace function api.backtest_stress(
    p_backtest_id uuid,
    p_now_at      timestamptz
)
returns table (
    study_id    uuid,
    study_kind  text,
    backtest_id uuid,
    config_hash text,
    data_sha256 text,
    terms       jsonb
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.study_id, f.study_kind, f.backtest_id, f.config_hash, f.data_sha256, f.terms
      from lab.begin_study(p_backtest_id, 'STRESS', '{}', p_now_at) as f;
$function$;

comment on function api.backtest_stress(uuid, timestamptz) is
$$Begins the stress battery of a backtest.$$;
