create or replace function ops.report_proof(
    p_run_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'recon', (
            select jsonb_build_object(
                       'comparisons', count(*),
                       'clean', count(*) filter (where c.verdict = 'CLEAN'),
                       'pending', count(*) filter (where c.verdict = 'PENDING'),
                       'dirty', count(*) filter (where c.verdict = 'DIRTY'),
                       'last', (
                           select jsonb_build_object(
                                      'verdict', l.verdict,
                                      'compared_at', core.format_iso(l.compared_at),
                                      'snapshot_sha256', s.document_sha256,
                                      'order_drifts', l.order_drifts,
                                      'position_drifts', l.position_drifts,
                                      'cash_drifts', l.cash_drifts,
                                      'other_drifts', l.other_drifts)
                             from recon.comparisons as l
                             join recon.snapshots as s using (run_id, snapshot_seq)
                            where l.run_id = p_run_id
                            order by l.snapshot_seq desc limit 1))
              from recon.comparisons as c where c.run_id = p_run_id),
        'gates', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'gate', h.gate, 'is_open', h.is_open, 'reason', h.reason,
                       'from_at', core.format_iso(h.observed_at),
                       'to_at', core.format_iso(n.observed_at)) order by h.gate, h.gate_seq), '[]')
              from run.gate_history as h
              left join run.gate_history as n
                on n.run_id = h.run_id and n.gate = h.gate and n.gate_seq = h.gate_seq + 1
             where h.run_id = p_run_id),
        'audit', jsonb_build_object(
            'chains', (
                select jsonb_agg(jsonb_build_object(
                           'chain', c.chain_kind || ' ' || coalesce(c.run_id::text, c.engine_id),
                           'events', c.last_seq, 'head_hash', c.last_hash,
                           'verified', v.first_bad_seq is null,
                           'first_bad_seq', v.first_bad_seq) order by c.chain_kind, c.engine_id)
                  from audit.chains as c
                  cross join lateral (
                    select min(b.event_seq) as first_bad_seq
                      from audit.verify_chain(c.chain_id) as b) as v
                 where c.run_id = p_run_id
                    or c.chain_kind = 'ENGINE' and c.engine_id in (
                       'DESK', (select r.engine_id from run.runs as r where r.run_id = p_run_id))),
            'invariants', (
                select jsonb_agg(jsonb_build_object(
                           'name', i.invariant, 'promise', i.promise, 'violations', i.violations)
                           order by i.invariant)
                  from inv.verify_all() as i)));
$function$;

comment on function ops.report_proof(uuid) is
$$What proves a run: its reconciles, its gates over time, its audit chains and the invariants.$$;
