-- Deploy mqk:oms/budgets to pg
-- requires: run/runs

begin;

set local role mqk_owner;

create table oms.budgets (
    account_id        text        not null,
    window_started_at timestamptz not null,
    used              integer     not null,
    remaining         integer,
    held_until_at        timestamptz,

    constraint budgets_pkey primary key (account_id),
    constraint budgets_used_is_counted check (used between 0 and 150),
    constraint budgets_remaining_is_counted check (remaining >= 0)
)
with (fillfactor = 70);

comment on table oms.budgets is
    $$How many requests an account has sent to its broker in the current minute, by all workers.$$;
comment on column oms.budgets.used is $$Requests granted since window_started_at.$$;
comment on column oms.budgets.remaining is
    $$What the broker said is left, less what was granted since; null = it has not said.$$;
comment on column oms.budgets.held_until_at is $$Nothing at all is granted before this instant.$$;

commit;
