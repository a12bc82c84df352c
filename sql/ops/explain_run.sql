create or replace function ops.explain_run(
    p_run_id uuid
)
returns table (
    at       timestamptz,
    step     text,
    detail   text,
    evidence text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select l.at, l.step, l.detail, l.evidence
      from (select r.created_at, 1, 'config',
                   format('%s of engine %s on account %s, config %s', r.mode, r.engine_id,
                          r.account_id, left(r.config_hash, 16)), 'run.configs ' || r.config_hash
              from run.runs as r where r.run_id = p_run_id
             union all
            select h.moved_at, 2, 'status', format('%s: %s (%s)', h.to_status, h.reason, h.actor),
                   'run.run_history ' || h.history_seq
              from run.run_history as h where h.run_id = p_run_id
             union all
            select g.armed_at, 3, 'arming',
                   format('"%s" by %s%s; %s checks, program %s, schema %s', g.words, g.armed_by,
                          ', approved by ' || g.approved_by, jsonb_array_length(g.checks),
                          left(g.build, 12), left(g.fingerprint, 12)), 'run.armings ' || g.history_seq
              from run.armings as g where g.run_id = p_run_id
             union all
            select h.observed_at, 4, 'gate',
                   format('%s %s: %s', h.gate, case when h.is_open then 'opened' else 'SHUT' end,
                          h.reason), format('run.gate_history %s %s', h.gate, h.gate_seq)
              from run.gate_history as h where h.run_id = p_run_id
             union all
            select a.acted_at, 5, 'person',
                   format('%s asked for %s: %s', a.actor, a.action,
                          concat_ws(' ', a.outcome, a.error_code, a.detail)),
                   'ops.operator_actions ' || a.action_id
              from ops.operator_actions as a where a.run_id = p_run_id
             union all
            select o.created_at, 6, 'order',
                   format('%s: %s %s, %s, filled %s', o.client_order_id, o.order_qty, o.symbol,
                          o.order_status, o.cum_qty), 'oms.orders ' || o.order_id
              from oms.orders as o where o.run_id = p_run_id)
           as l (at, place, step, detail, evidence)
     order by l.at, l.place, l.evidence;
$function$;

comment on function ops.explain_run(uuid) is
$$The life of a run: config, status, armings, gates, what people asked for, and its orders by name.$$;
