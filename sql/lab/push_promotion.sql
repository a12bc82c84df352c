create or replace function lab.push_promotion(
    p_judged lab.promotions,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    if (p_judged).live_id is not null then
        perform run.store_artifact(
            (p_judged).live_id, (p_judged).config_hash, (p_judged).strategy_id,
            (p_judged).strategy_version, (p_judged).build, p_now_at);
    end if;
    perform audit.append_desk_event(
        'PROMOTION',
        case when (p_judged).is_promoted then 'PROMOTION_GRANTED' else 'PROMOTION_GATE_FAILED' end,
        to_jsonb(p_judged) - array['judged_at', 'judged_by'], p_now_at);
end;
$function$;

comment on function lab.push_promotion(lab.promotions, timestamptz) is
$$Tells the diary of a judgement, and run of an artifact that may be armed LIVE from now on.$$;
