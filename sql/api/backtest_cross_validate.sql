create or replace function api.backtest_cross_validate(
    p_backtest_id uuid,
    p_folds       integer,
    p_embargo     integer,
    p_score       text,
    p_choices     jsonb,
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
      from lab.begin_study(p_backtest_id, 'CROSS_VALIDATION', jsonb_build_object(
           'folds', p_folds, 'embargo', p_embargo, 'score', p_score, 'choices', p_choices), p_now_at) as f;
$function$;

comment on function api.backtest_cross_validate(uuid, integer, integer, text, jsonb, timestamptz) is
$$Begins the purged cross-validation of a backtest; embargo: ticks left out after a test.$$;
