-- Deploy mqk:rooms to pg
-- requires: roles

begin;

revoke all on schema public from public;

create schema core   authorization mqk_owner;
create schema audit  authorization mqk_owner;
create schema ref    authorization mqk_owner;
create schema run    authorization mqk_owner;
create schema md     authorization mqk_owner;
create schema ledger authorization mqk_owner;
create schema pager  authorization mqk_owner;
create schema strat  authorization mqk_owner;
create schema risk   authorization mqk_owner;
create schema sim    authorization mqk_owner;
create schema oms    authorization mqk_owner;
create schema recon  authorization mqk_owner;
create schema lab    authorization mqk_owner;
create schema ops    authorization mqk_owner;
create schema inv    authorization mqk_owner;
create schema replay authorization mqk_owner;
create schema io     authorization mqk_owner;
create schema api    authorization mqk_owner;

set local role mqk_owner;
alter default privileges for role mqk_owner revoke execute on functions from public;

comment on schema core   is $$Floor 0: exact arithmetic, derived ids, canonical json, errors.$$;
comment on schema audit  is $$Floor 1: hash-chained diary of every state change.$$;
comment on schema ref    is $$Floor 1: exchanges, sessions, instruments.$$;
comment on schema run    is $$Floor 2: engines, configs, run lifecycle, gates, heartbeats.$$;
comment on schema md     is $$Floor 3: market data: ingests, bars, findings, integrity.$$;
comment on schema ledger is $$Floor 3: fills, entries, FIFO lots, positions, equity.$$;
comment on schema pager  is $$Floor 3: notices: which events people are told, and whether they were.$$;
comment on schema strat  is $$Floor 4: strategies, decisions, targets.$$;
comment on schema risk   is $$Floor 4: limits, verdicts, breaches.$$;
comment on schema sim    is $$Floor 4: fill model and paper broker, a world of its own.$$;
comment on schema oms    is $$Floor 5: intents, orders, outbox, attempts, broker map, inbox.$$;
comment on schema recon  is $$Floor 6: broker snapshots compared with our books.$$;
comment on schema lab    is $$Floor 7: performance metrics.$$;
comment on schema ops    is $$Floor 8: operator actions, preflight, arm, report.$$;
comment on schema inv    is $$Floor 8: invariants; each view returns the rows that break its promise.$$;
comment on schema replay is $$Floor 8: the state of a run folded anew from its diary.$$;
comment on schema io     is $$Floor 9: the service door, for workers.$$;
comment on schema api    is $$Floor 9: the front door, for people.$$;

commit;
