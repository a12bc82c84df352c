\ir ../_setup.sql
begin;
select plan(39);

-- A report that passes every gate of MAIN by exactly its bound.
create temp table good as
select jsonb_object_agg(g.measure, g.threshold) || '{"volatility": 0.1}' as m
  from lab.list_gates('MAIN') as g;
create temp view failing as
select g.measure, g.gate_no,
       array(select f.measure from lab.list_failures('MAIN', m || jsonb_build_object(
                 g.measure, g.threshold + case when g.is_least then -0.000001 else 0.000001 end))
                 as f) as beyond,
       array(select f.measure from lab.list_failures('MAIN', m - g.measure) as f) as missing,
       array(select f.measure from lab.list_failures(
                 'MAIN', m || jsonb_build_object(g.measure, 'NaN')) as f) as nan,
       array(select f.measure from lab.list_failures('MAIN', m || jsonb_build_object(
                 g.measure, case when g.is_least then 'Infinity' else '-Infinity' end)) as f) as infinite
  from good cross join lab.list_gates('MAIN') as g;

select is_empty($$ select f.* from good cross join lab.list_failures('MAIN', m) as f $$,
    'T51 scenario_pass_above_threshold: what stands at every bound passes');
select is_empty($$ select * from failing as f where f.beyond <> array[f.measure] $$,
    'T52 scenario_fail_below_threshold: each measure beyond its bound fails alone, with its own reason');
select is_empty($$ select * from failing as f where f.missing <> array[f.measure] $$,
    'each measure that is missing fails');
select is_empty($$ select * from failing as f where f.nan <> array[f.measure] $$,
    'N51 nan_metric_fails_promotion: what is not a number passes no gate');
select is_empty($$ select * from failing as f where f.infinite <> array[f.measure] $$,
    'an infinite profit factor passes no gate, nor any other infinity');
select is(count(*), (select count(*) from lab.list_gates('MAIN')), 'all failing reasons come at once')
  from lab.list_failures('MAIN', '{}');
select ok(count(*) >= 30, 'there are gates') from lab.list_gates('MAIN');
select results_eq($$
    select f.reason from good
     cross join lab.list_failures('MAIN', m || '{"sharpe": 1.2999, "trades": null, "cagr": "NaN"}') as f $$,
    array['sharpe 1.2999 is below 1.3', 'cagr is NaN', 'trades was not measured'],
    'a reason has the value and the bound');
select is_empty($$
    select from good cross join lab.list_failures('EXP', m || '{"sharpe": 0.8, "cagr": 0.05}') $$,
    'EXP asks for less');
select isnt_empty($$ select from good cross join lab.list_failures('EXP', m || '{"sharpe": 0.799999}') $$,
    'but not for nothing');
select is_empty($$ select from lab.list_gates('HOPE') $$, 'another profile has no gates');
select results_eq($$
    select g.measure, g.threshold from lab.list_gates('MAIN') as g
     where g.measure in ('cagr', 'max_drawdown', 'profit_factor', 'sharpe', 'profitable_months',
                         'worst_five_days', 'trades', 'walk_forward_positive')
     order by g.measure collate "C" $$,
    $$ values ('cagr', 0.08), ('max_drawdown', 0.20), ('profit_factor', 1.40),
              ('profitable_months', 0.60), ('sharpe', 1.30), ('trades', 30),
              ('walk_forward_positive', 0.70), ('worst_five_days', -0.06) $$,
    'the thresholds of MAIN are those of the specification');

-- The score: one term at a time.
create temp table calm as
select '{"cagr": 0, "sharpe": 0, "profit_factor": 0, "walk_forward_positive": 0, "max_drawdown": 0,
         "volatility": 0, "worst_five_days": 0, "stress_cagr": 0}'::jsonb as m;
select results_eq($$
    select round(lab.compute_score(m || t.change::jsonb), 4)
      from calm
     cross join (values (1, '{}'), (2, '{"sharpe": 3}'), (3, '{"sharpe": 4}'), (4, '{"sharpe": -1}'),
                        (5, '{"profit_factor": 2}'), (6, '{"profit_factor": 9}'),
                        (7, '{"walk_forward_positive": 1}'), (8, '{"max_drawdown": 0.2}'),
                        (9, '{"volatility": 0.2}'), (10, '{"worst_five_days": -0.06}'),
                        (11, '{"stress_cagr": -0.1}'), (12, '{"stress_cagr": 0.1}'),
                        (13, '{"cagr": 0.1, "stress_cagr": 0.1}')) as t (n, change)
     order by n $$,
    array[20.0000, 80.0000, 80.0000, 20.0000, 40.0000, 40.0000, 100.0000, -1.8786, 5.4143, 15.3385,
          10.4690, 20.0000, 29.5310],
    'the score is the formula of the specification');
select is_empty($$
    select from calm cross join jsonb_object_keys(m) as k (key)
     where lab.compute_score(m - k.key) is not null $$, 'what is not known has no score');
select is(lab.compute_score(m || '{"cagr": -1}'), null, 'nor has ruin') from calm;

-- T53 scenario_tie_break_correctness.
create function pg_temp.rank(p_rows jsonb) returns text language sql as $$
    select string_agg(r.candidate ->> 'name', ' ' order by r.rank_no)
      from lab.list_ranking((
           select jsonb_agg('{"score": 50, "max_drawdown": 0.1, "stress_cagr": 0.1, "negative_folds": 1,
                              "walk_forward_positive": 0.8, "worst_five_days": -0.02}' || e.value)
             from jsonb_array_elements(p_rows) as e)) as r $$;
select is(pg_temp.rank('[{"name": "a", "score": 44.999999}, {"name": "b"}]'), 'b a',
          'T53: beyond 5 points the score decides');
select is(pg_temp.rank('[{"name": "b"}, {"name": "a", "score": 45}]'), 'a b',
          'T53: within 5 points it does not');
select is(pg_temp.rank('[{"name": "a"}, {"name": "b", "max_drawdown": 0.09, "stress_cagr": 0}]'), 'b a',
          'T53: the lower drawdown first');
select is(pg_temp.rank('[{"name": "a", "walk_forward_positive": 1}, {"name": "b", "stress_cagr": 0.2}]'),
          'b a', 'T53: then the higher growth under stress');
select is(pg_temp.rank('[{"name": "a", "negative_folds": 0},
                         {"name": "b", "walk_forward_positive": 0.9}]'),
          'b a', 'T53: then stability');
select is(pg_temp.rank('[{"name": "a", "worst_five_days": 0}, {"name": "b", "negative_folds": 0}]'),
          'b a', 'T53: then fewer negative folds');
select is(pg_temp.rank('[{"name": "a"}, {"name": "b", "worst_five_days": -0.01}]'), 'b a',
          'T53: then the milder worst five days');
select is(pg_temp.rank('[{"name": "b"}, {"name": "B"}, {"name": "a"}]'), 'B a b',
          'T53: then the name, by code points');
select is(pg_temp.rank('[{"name": "a", "score": "NaN"}, {"name": "b", "score": 1}]'), 'b a',
          'T53: what is not a number loses');
select is(pg_temp.rank('[{"name": "a", "score": null}, {"name": "b", "score": -90}]'), 'b a',
          'T53: and so does what is not known');
select is(pg_temp.rank('[{"name": "a", "max_drawdown": "NaN"}, {"name": "b", "max_drawdown": 0.9}]'),
          'b a', 'T53: in every tie-break');
select is(pg_temp.rank('[{"name": "a", "score": 41, "max_drawdown": 0.01}, {"name": "b", "score": 46},
                         {"name": "c"}]'),
          'b c a', 'T53: nobody is within 5 points of the best by way of another');

-- Fact 126: what stress costs.
select is(sim.compute_slippage_bps(510000000, 490000000, 500000000, 5, 5000, 10000), 205::bigint,
          'a bar from 490 to 510 that closes at 500 costs 205 bps');
select results_eq($$
    select sim.compute_fill_price('worst_case', q, null, null, 500000000, 510000000, 490000000, 205)
      from (values (10), (-10)) as t (q) $$,
    array[520455000, 479955000]::bigint[], 'a buy pays 520.455, a sale brings 479.955');
select results_eq($$
    select 100000 + 10 * (
               sim.compute_fill_price('worst_case', -10, null, null, 500000000, 510000000, 490000000, b)
               - sim.compute_fill_price('worst_case', 10, null, null, 500000000, 510000000, 490000000, b))
               / 1000000
      from (values (1, 0), (2, 205)) as t (n, b) order by n $$,
    array[99800, 99595]::bigint[], 'T49: a round trip of ten shares leaves 99,595, not 99,800');
select results_eq($$
    select e.value -> 'slippage_bps', e.value -> 'volatility_mult_bps', e.value -> 'max_slippage_bps'
      from unnest(array['SLIPPAGE_X2', 'FEES_X2']) with ordinality as s (scenario, n)
     cross join lateral (
           select lab.build_config('{"strategy": {}, "execution": {"slippage_bps": 0, "fee_bps": 3,
               "volatility_mult_bps": 0, "max_slippage_bps": 0, "fee_per_share_micros": 0,
               "participation_bps": 100, "split_above_qty": 100}}', s.scenario, '{}')::jsonb
               -> 'execution') as e (value)
     order by s.n $$,
    $$ values ('10'::jsonb, '10000'::jsonb, '50'::jsonb), ('0', '0', '0') $$,
    'slippage that was left out is not doubled to nothing');

-- Other markets, and numbers that every machine draws alike.
select results_eq($$
    select lab.shock_price(k, 1000, t, 2, 900, 1200)
      from unnest(array['SLICE', 'GAPS', 'BEAR', 'WILD']) with ordinality as k (k, n)
     cross join generate_series(1, 3) as t order by n, t $$,
    array[1000, 1000, 1000, 1000, 900, 990, 1000, 1000, 996, 1000, 1100, 1250]::bigint[],
    'gaps fall and rise, a bear market wears down, a wild one doubles its moves');
select is(lab.shock_price('WILD', 1, 2, 0, 1000, 1), 100::bigint, 'a price stays above nothing');
select results_eq($$
    select f.fold_no, f.step_part, f.first_tick, f.last_tick
      from lab.list_folds('WALK_FORWARD', 101, 3, 5, 0) as f $$,
    $$ values (1, 'TRAIN', 1, 25), (1, 'TEST', 21, 50), (2, 'TRAIN', 1, 50), (2, 'TEST', 46, 75),
              (3, 'TRAIN', 1, 75), (3, 'TEST', 71, 101) $$,
    'walk-forward tests what comes after all that it trained on');
select results_eq($$
    select f.fold_no, f.step_part, f.first_tick, f.last_tick
      from lab.list_folds('CROSS_VALIDATION', 100, 4, 5, 3) as f $$,
    $$ values (1, 'TRAIN', 29, 100), (1, 'TEST', 1, 25), (2, 'TRAIN', 1, 20), (2, 'TRAIN', 54, 100),
              (2, 'TEST', 21, 50), (3, 'TRAIN', 1, 45), (3, 'TRAIN', 79, 100), (3, 'TEST', 46, 75),
              (4, 'TRAIN', 1, 70), (4, 'TEST', 71, 100) $$,
    'no training sees a tick of its test, nor of what it warms up with, nor of the embargo');
select is(array_agg(lab.derive_number(7, n, 1000) order by n), array[775, 438, 636, 77],
          'the numbers of a seed are the same on every machine') from generate_series(1, 4) as n;
select results_eq($$
    select distinct p.end_micros from generate_series(1, 50) as n
     cross join lateral lab.compute_path(array[5, -3, 7, -1], 100, 'PERMUTATION', 1, n) as p $$,
    array[108]::bigint[], 'another order of the same trades ends where they ended');
select ok(count(distinct p.drawdown) > 1 and max(p.drawdown) = 0.04,
          'but not by the same way: the losses together are the deepest fall')
  from generate_series(1, 50) as n
 cross join lateral lab.compute_path(array[5, -3, 7, -1], 100, 'PERMUTATION', 1, n) as p;

select results_eq($$
    select lab.is_step_ok('SCENARIO', 'FEES_X2', m::jsonb)
      from (values (1, '{"completed": 1, "total_return": 0.000001}'),
                   (2, '{"completed": 1, "total_return": 0}'), (3, '{"completed": 1}'),
                   (4, '{"completed": 0, "total_return": 1}')) as t (n, m) order by n $$,
    array[true, false, false, false], 'dearer trading goes well with a profit and no halt');

select * from finish();
rollback;
