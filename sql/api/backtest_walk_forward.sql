create or replace function api.backtest_walk_forward(
    p_backtest_id uuid,
    p_folds       integer,
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
      from lab.begin_study(p_backtest_id, 'WALK_FORWARD', jsonb_build_object(
           'folds', p_folds, 'score', p_score, 'choices', p_choices), p_now_at) as f;
$function$;

comment on function api.backtest_walk_forward(uuid, integer, text, jsonb, timestamptz) is
$$Begins the walk-forward of a backtest: choices, an array of parameters, or null for its own.$$;
