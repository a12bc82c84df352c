create or replace function api.promote_judge(
    p_backtest_id uuid,
    p_profile     text,
    p_build       text,
    p_now_at      timestamptz
)
returns table (
    promotion_id uuid,
    backtest_id  uuid,
    profile      text,
    is_promoted  boolean,
    reasons      text[],
    score        numeric,
    measures     jsonb,
    artifact     jsonb
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.promotion_id, f.backtest_id, f.profile, f.is_promoted, f.reasons, f.score, f.measures,
           jsonb_build_object(
               'config_hash', f.config_hash, 'data_sha256', f.data_sha256, 'digest', f.digest,
               'build', f.build, 'strategy_id', f.strategy_id, 'strategy_version', f.strategy_version,
               'audit_seq', f.audit_seq, 'audit_hash', f.audit_hash)
      from lab.judge_promotion(p_backtest_id, p_profile, p_build, p_now_at) as f;
$function$;

comment on function api.promote_judge(uuid, text, text, timestamptz) is
$$Judges a backtest by a profile (MAIN, EXP): promoted, or every reason why not.$$;
