create or replace function md.resolve_defect(
    p_args   jsonb,
    p_now_at timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_bar    md.bars;
    v_defect text := p_args ->> 'defect';
begin
    perform core.assert_that(
        num_nulls(v_defect, p_args ->> 'symbol', p_args ->> 'timeframe', p_args ->> 'bar',
                  p_now_at) = 0, 'MQA01', 'defect, symbol, timeframe, bar, now_at');
    perform core.assert_that(
        length(p_args ->> 'reason') between 1 and 500, 'MQA12', p_args ->> 'reason');
    perform core.assert_that(
        v_defect in ('CONFLICT', 'DISAGREEMENT', 'OUTLIER'), 'MQA02',
        'defect: CONFLICT, DISAGREEMENT or OUTLIER');
    v_bar := md.find_bar(p_args ->> 'symbol', p_args ->> 'timeframe', p_args ->> 'bar');
    perform core.assert_that(
        md.is_unsettled(v_bar, v_defect, p_now_at), 'MQN51',
        format('%s of %s %s %s', v_defect, v_bar.symbol, v_bar.timeframe, p_args ->> 'bar'));
    insert into md.rulings (symbol, timeframe, bar_end_at, defect, ruled_at, ruled_by, reason)
    values (v_bar.symbol, v_bar.timeframe, v_bar.bar_end_at, v_defect, p_now_at, audit.get_actor(),
            p_args ->> 'reason')
    on conflict on constraint rulings_pkey do nothing;
    return format('the stored bar %s %s %s stands', v_bar.symbol, v_bar.timeframe,
                  md.format_bar(v_bar.timeframe, v_bar.session_on, v_bar.bar_end_at));
end;
$function$;

comment on function md.resolve_defect(jsonb, timestamptz) is
$$Keeps a person's word that a stored bar stands: p_args {defect, symbol, timeframe, bar, reason}.
Gives what
was settled.
Why: a bar never changes; whether it is believed is for a person to say, once, with a reason.
Raises: MQA01; MQA02; MQA12 no reason; MQN50 no such bar; MQN51 nothing to settle.$$;
