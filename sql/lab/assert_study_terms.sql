create or replace function lab.assert_study_terms(
    p_test       lab.backtests,
    p_study_kind text,
    p_terms      jsonb
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_folds   bigint := (p_terms ->> 'folds')::bigint;
    v_samples bigint := (p_terms ->> 'samples')::bigint;
    v_trades  bigint := (select count(*) from lab.closes as c
                          where c.backtest_id = (p_test).backtest_id);
    v_ticks   integer := (select d.ticks from lab.datasets as d
                           where d.dataset_id = (p_test).dataset_id);
begin
    if p_study_kind in ('WALK_FORWARD', 'CROSS_VALIDATION') then
        perform core.assert_that(
            v_folds between 3 and 20, 'MQA86', format('folds %s is not in 3..20', v_folds));
        perform core.assert_that(
            p_terms ->> 'score' in ('SHARPE', 'RETURN'), 'MQA86', 'score is SHARPE or RETURN');
        perform core.assert_that(
            jsonb_array_length(p_terms -> 'choices') between 1 and 50, 'MQA86',
            'choices are 1 to 50 objects');
        perform core.assert_that(
            not jsonb_path_exists(p_terms, '$.choices[*] ? (@.type() != "object")'), 'MQA86',
            'choices are 1 to 50 objects');
        perform core.assert_that(
            p_study_kind = 'WALK_FORWARD' or (p_terms ->> 'embargo')::integer between 0 and v_ticks,
            'MQA86', 'embargo is not in 0..ticks');
        perform core.assert_that(
            v_ticks / (v_folds + 1) >= 10, 'MQA86',
            format('%s ticks are less than 10 a fold', v_ticks));
    elsif p_study_kind = 'MONTE_CARLO' then
        perform core.assert_that(
            v_samples between 100 and 10000, 'MQA86',
            format('samples %s is not in 100..10000', v_samples));
        perform core.assert_that(
            v_trades * v_samples between 1 and 5000000, 'MQA86',
            format('%s trades by %s samples are not in 1..5000000', v_trades, v_samples));
        perform core.assert_that(
            p_terms ->> 'method' in ('BOOTSTRAP', 'PERMUTATION')
            and (p_terms ->> 'seed')::bigint is not null, 'MQA86',
            'method BOOTSTRAP or PERMUTATION, and a seed');
    end if;
end;
$function$;

comment on function lab.assert_study_terms(lab.backtests, text, jsonb) is
$$Refuses terms that a study cannot be done by: too few bars or trades, too much work, unknown words.
Raises: MQA86.$$;
